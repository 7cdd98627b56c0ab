import { words, type Pair } from '../ui'
import { TABLE as shared } from '../words'

export const TABLE = {
  ...shared,
  logPage: ['登记联络', 'Log a contact'],
  history: ['此客户最近联络', 'Earlier contacts of this customer'],
  recentContacts: ['{days} 天内已来过 {n} 次', '{n} contacts in the last {days} days'],
  noCause: ['没有原因', 'no cause'],
  historyNone: ['填写客户后，这里显示以前的联络。', 'Fill in the customer to see earlier contacts here.'],
  historyUnknown: ['没有找到这位客户；保存后会建立。', 'No such customer yet; saving makes one.'],
  historyEmpty: ['这位客户还没有联络过。', 'This customer has not contacted us before.'],
  historyFailed: ['暂时读不到，不影响登记。', 'Cannot be read right now; logging works.'],
  customerHint: ['手机、会员号或用户号', 'Phone, member or user number'],
  order: ['订单号', 'Order number'],
  words: ['客户说了什么', 'What the customer said'],
  wordsNeeded: ['请填写客户说了什么', 'Please fill in what the customer said'],
  masked: ['保存时这样遮掩', 'masked like this when saved'],
  triggers: ['提到了健康、监管或媒体：请按紧急处理', 'Health, authorities or media are mentioned: treat as urgent'],
  causes: ['可能的原因', 'Possible causes'],
  causesNone: ['输入后显示；不选就由系统判断', 'Shown while you type; without a choice the system decides'],
  causeOther: ['另选原因', 'Another cause'],
  concession: ['补偿（元）', 'Concession (yuan)'],
  yuanWrong: ['请填写金额，如 12.50', 'Please give an amount such as 12.50'],
  goesTo: ['将派给', 'Goes to'],
  saveNext: ['保存并新建', 'Save and next'],
  clear: ['清空', 'Clear'],
  saved: ['已保存 {id}', 'Saved {id}'],
  loggedHere: ['刚才登记的', 'Logged just now'],
  loggedNone: ['保存后列在这里。', 'What you save is listed here.'],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)
