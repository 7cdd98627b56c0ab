import { words, type Pair } from '../ui'
import { TABLE as shared } from '../words'

export const TABLE = {
  ...shared,
  noContacts: ['没有联络', 'No contacts'],
  queuePage: ['工单', 'Cases'],
  queueEmpty: ['这里没有工单。', 'No cases here.'],
  caseId: ['编号', 'Number'],
  clock: ['时限', 'Clock'],
  minutes: ['{n} 分钟', '{n} min'],
  hours: ['{n} 小时', '{n} h'],
  days: ['{n} 天', '{n} d'],
  dueIn: ['{amount}后到期', 'due in {amount}'],
  lateBy: ['超时 {amount}', 'late by {amount}'],
  tasks: ['各部门的任务', 'Tasks of all departments'],
  tasksNone: ['还没有请别的部门一起做。', 'No other department has been asked yet.'],
  doneAt: ['{at} {by} 已完成', 'done {at} by {by}'],
  taskDone: ['完成', 'Done'],
  addDepartment: ['加一个部门', 'Add a department'],
  taskWhat: ['请它做什么', 'What it is asked to do'],
  ask: ['派任务', 'Ask'],
  accountable: ['责任部门', 'Accountable'],
  askedToTake: ['已请 {name} 接手', '{name} was asked to take over'],
  cameBack: ['回来过 {n} 次', 'came back {n} times'],
  yourTurn: ['轮到你们', 'Your turn'],
  accept: ['接受', 'Accept'],
  whatWasDone: ['做了什么', 'What was done'],
  resolve: ['办结并回访客户', 'Resolve and call back'],
  timeline: ['经过', 'What happened'],
  comment: ['说一句', 'Comment'],
  commentHint: ['@用户名 会通知那个人', '@name tells that person'],
  send: ['发送', 'Send'],
  customerWords: ['客户的话', 'The customer’s words'],
  howCounted: ['怎么算的', 'How it is counted'],
  clock_accept: ['接受', 'Accept'],
  clock_resolve: ['办结', 'Resolve'],
} as const satisfies Record<string, Pair>

export const t = words(TABLE)

/** Of what happened, by the event's name. */
export const EVENTS: Record<string, Pair> = {
  CaseOpened: ['开单', 'Opened'],
  ContactJoined: ['又有联络', 'Another contact'],
  ContactLeft: ['联络移出', 'Contact moved out'],
  CaseAccepted: ['接受', 'Accepted'],
  CaseResolved: ['办结', 'Resolved'],
  CaseCameBack: ['又回来了', 'Came back'],
  CaseVerified: ['已验证', 'Verified'],
  CaseWithdrawn: ['撤销', 'Withdrawn'],
  ClockRanOut: ['超时', 'Clock ran out'],
  TaskAsked: ['派任务', 'Task asked'],
  TaskDone: ['任务完成', 'Task done'],
  Commented: ['评论', 'Comment'],
  OwnerAsked: ['请接手', 'Asked to take over'],
  OwnerChanged: ['换责任部门', 'Owner changed'],
  CustomerCalled: ['回访', 'Customer called'],
}
