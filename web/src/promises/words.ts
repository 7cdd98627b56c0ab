import { words, type Pair } from '../ui'
import { TABLE as shared } from '../words'

export const TABLE = {
  ...shared,
  promisesPage: ['我的承诺', 'My promises'],
  promisesEmpty: [
    '没有待兑现的承诺。登记联络时填“下一步”，就会排在这里倒计时。',
    'No open promises. Fill in “Next step” while logging a contact and it counts down here.',
  ],
  promisesLate: ['{n} 个已过时间', '{n} past their time'],
  promisesOpen: ['{n} 个待兑现，最近的在最上面', '{n} open, the nearest first'],
  days: ['{n} 天', '{n} d'],
  hours: ['{n} 小时', '{n} h'],
  minutes: ['{n} 分', '{n} min'],
  left: ['还有 {span}', '{span} left'],
  over: ['已过 {span}', '{span} over'],
  until: ['{at} 前', 'by {at}'],
  toCustomer: ['对 {name}', 'to {name}'],
  nobody: ['未留客户号', 'no customer given'],
  kept: ['做到了', 'Kept'],
  notKept: ['没做到', 'Not kept'],
  notKeptWhy: ['为什么没做到', 'Why it was not kept'],
  confirmNotKept: ['确认没做到', 'Confirm: not kept'],
  cancel: ['取消', 'Cancel'],
  whoToCall: ['看联系方式', 'Show contact details'],
  whoLogged: ['查看会记入查阅记录', 'Looking is logged'],
  noDetails: ['没有留下联系方式', 'No contact details are kept'],
  purpose: ['兑现对客户的承诺', 'Keeping a promise to the customer'],
  openCase: ['工单 {id}', 'Case {id}'],
  settledTitle: ['最近了结的', 'Settled lately'],
  settledNone: ['还没有。', 'None yet.'],
  settledAt: ['{at} {by}', '{at} {by}'],
  state_open: ['待兑现', 'Open'],
  state_kept: ['做到了', 'Kept'],
  state_late: ['迟了才做到', 'Kept late'],
  state_broken: ['没做到', 'Not kept'],
  state_void: ['客户资料已删除', 'Customer erased'],
  gone: ['联络已删除', 'the contact is gone'],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)
