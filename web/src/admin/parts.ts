/** The sub-pages of the admin, in the order of the side menu; each is read when it is opened. */

import type { Component } from 'vue'
import type { Pair } from '../ui'

export interface Part {
  path: string
  title: Pair
  load: () => Promise<{ default: Component }>
}

export const ADMIN_PARTS: Part[] = [
  { path: '', title: ['概况', 'Overview'], load: () => import('./StatusPart.vue') },
  { path: 'users', title: ['用户', 'Users'], load: () => import('./UsersPart.vue') },
  { path: 'taxonomy', title: ['部门与原因', 'Departments and causes'], load: () => import('./TaxonomyPart.vue') },
  { path: 'calendar', title: ['日历与时限', 'Calendar and limits'], load: () => import('./CalendarPart.vue') },
  { path: 'rules', title: ['规则', 'Rules'], load: () => import('./RulesPart.vue') },
  { path: 'channels', title: ['渠道与密钥', 'Channels and keys'], load: () => import('./ChannelsPart.vue') },
  { path: 'robots', title: ['群机器人', 'Group robots'], load: () => import('./RobotsPart.vue') },
  { path: 'counts', title: ['分母与来源条数', 'Denominators and counts'], load: () => import('./CountsPart.vue') },
  { path: 'tagger', title: ['打标版本', 'Tagger versions'], load: () => import('./TaggerPart.vue') },
  { path: 'privacy', title: ['个人信息', 'Privacy'], load: () => import('./PrivacyPart.vue') },
  { path: 'dead', title: ['死信', 'Dead letters'], load: () => import('./DeadPart.vue') },
  { path: 'demo', title: ['演示数据', 'Demo data'], load: () => import('./DemoPart.vue') },
]
