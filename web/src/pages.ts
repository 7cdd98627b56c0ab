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

/** The first page of a role in this order is where it starts. */
export const PAGES: Page[] = [
  { path: '/log', title: 'logPage', roles: STAFF, load: () => import('./pages/LogPage.vue') },
]

export function pagesOf(role: Role | undefined): Page[] {
  return PAGES.filter((page) => role && page.roles.includes(role))
}
