/** Which pages there are, for whom: the menu and the router are both made from this. */

import type { Component } from 'vue'
import type { Key } from './messages'
import type { Role } from './session'

export interface Page {
  path: string
  /** In the menu; pages without one are reached from others. */
  title?: Key
  roles: Role[]
  load: () => Promise<{ default: Component }>
}

const STAFF: Role[] = ['agent', 'lead', 'admin']
const ALL: Role[] = ['agent', 'lead', 'executive', 'admin']

/** The first page of a role in this order is where it starts. */
export const PAGES: Page[] = [
  { path: '/queue', title: 'queuePage', roles: ['lead', 'executive', 'admin'], load: () => import('./pages/QueuePage.vue') },
  { path: '/log', title: 'logPage', roles: STAFF, load: () => import('./pages/LogPage.vue') },
  { path: '/cases/:id', roles: ALL, load: () => import('./pages/CasePage.vue') },
]

export function pagesOf(role: Role | undefined): Page[] {
  return PAGES.filter((page) => role && page.roles.includes(role))
}
