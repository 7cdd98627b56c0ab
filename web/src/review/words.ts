import { words, type Pair } from '../ui'
import { TABLE as shared } from '../words'

export const TABLE = {
  ...shared,
  reviewPage: ['复核', 'Review'],
  mode: ['看什么', 'What to look at'],
  mode_queue: ['系统拿不准的', 'What the system is unsure of'],
  mode_blind: ['盲评', 'Blind second look'],
  progress: ['今天已看 {answered} 条，还可看 {left} 条', '{answered} looked at today, {left} more to go'],
  none: ['现在没有拿不准的联络。新的联络打标后会排进来。', 'Nothing is uncertain right now. New contacts join once they are tagged.'],
  enough: ['今天的 {n} 条都看完了，明天继续。', 'All {n} of today are done; more tomorrow.'],
  said: ['客户说了什么', 'What the customer said'],
  because: ['为什么问您', 'Why you are asked'],
  why_doubt: ['系统对「{cause}」只有 {n}% 的把握', 'the system is only {n}% sure of “{cause}”'],
  why_nothing: ['系统找不到原因', 'the system found no cause'],
  why_disagreement: ['写好的规则与学到的判断不一致', 'the written rules and what was learnt disagree'],
  why_new_words: ['有近来少见的说法', 'it has words that are new lately'],
  judge: ['它说的是什么', 'What it is about'],
  accept: ['对，下一条', 'Right, next'],
  correctNext: ['改正，下一条', 'Correct, next'],
  skip: ['跳过', 'Skip'],
  undo: ['撤回上一条', 'Undo the last one'],
  undone: ['已撤回，请重新判断', 'Taken back; please judge again'],
  saved: ['已保存：{what}', 'Saved: {what}'],
  noCause: ['没有原因', 'No cause'],
  open: ['看这条联络', 'Open the contact'],
  answered: ['刚才看过的', 'Looked at just now'],
  answeredNone: ['看过的列在这里，最后一条可以撤回。', 'What you have looked at is listed here; the last one can be undone.'],
  how: ['怎么判断', 'How to judge'],
  howQueue: ['选中的原因不对就按掉，缺的加上；都对就直接下一条。', 'Take away wrong causes, add missing ones; when all is right, go on.'],
  howBlind: [
    '只看客户的话，独立判断；不显示系统和别人的看法。答案只用来衡量标注质量，保存后不改。',
    'Judge from the customer’s words alone; what the system or others said is not shown. Answers only measure label quality and are never changed.',
  ],
  blindNone: ['现在没有要盲评的联络；每天抽几条，抽到就列在这里。', 'Nothing waits for a second look; a few contacts are drawn each day.'],
  blindNext: ['保存，下一条', 'Save, next'],
  blindWaits: ['手上 {n} 条', '{n} at hand'],
  comma: ['、', ', '],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)
