/** Which pages there are, for whom: the menu and the router are both made from this. */

import type { Component } from 'vue'
import type { Role } from './session'
import type { Pair } from './ui'

export interface Page {
  path: string
  /** In the menu; pages without one are reached from others. */
  title?: Pair
  roles: Role[]
  /** Who begins here. */
  start?: Role[]
  load: () => Promise<{ default: Component }>
}

const STAFF: Role[] = ['agent', 'lead', 'admin']
const ALL: Role[] = ['agent', 'lead', 'executive', 'admin']

/** A role begins at the page that says so, else at its first one in this order. */
export const PAGES: Page[] = [
  { path: '/queue', title: ['工单', 'Cases'], roles: ['lead', 'executive', 'admin'], load: () => import('./cases/QueuePage.vue') },
  { path: '/log', title: ['登记联络', 'Log a contact'], roles: STAFF, load: () => import('./log/LogPage.vue') },
  { path: '/board', title: ['经营看板', 'Board'], roles: ['lead', 'executive', 'admin'], start: ['executive'], load: () => import('./board/BoardPage.vue') },
  { path: '/trend', roles: ALL, load: () => import('./trend/TrendPage.vue') },
  { path: '/cases/:id', roles: ALL, load: () => import('./cases/CasePage.vue') },
]

export function firstPage(role: Role | undefined): Page | undefined {
  const mine = pagesOf(role)
  return mine.find((page) => role && page.start?.includes(role)) ?? mine[0]
}

export function pagesOf(role: Role | undefined): Page[] {
  return PAGES.filter((page) => role && page.roles.includes(role))
}
