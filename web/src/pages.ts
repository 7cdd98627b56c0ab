/** Which pages there are, for whom: the menu and the router are both made from this. */

import type { Component } from 'vue'
import type { Role } from './session'
import type { Pair } from './ui'

export interface Page {
  path: string
  /** In the menu; pages without one are reached from others. */
  title?: Pair
  roles: Role[]
  load: () => Promise<{ default: Component }>
}

const STAFF: Role[] = ['agent', 'lead', 'admin']
const ALL: Role[] = ['agent', 'lead', 'executive', 'admin']

/** The first page of a role in this order is where it starts. */
export const PAGES: Page[] = [
  { path: '/queue', title: ['工单', 'Cases'], roles: ['lead', 'executive', 'admin'], load: () => import('./cases/QueuePage.vue') },
  { path: '/log', title: ['登记联络', 'Log a contact'], roles: STAFF, load: () => import('./log/LogPage.vue') },
  { path: '/review', title: ['复核', 'Review'], roles: STAFF, load: () => import('./review/ReviewPage.vue') },
  { path: '/search', title: ['查找', 'Search'], roles: ALL, load: () => import('./search/SearchPage.vue') },
  { path: '/import', title: ['导入', 'Import'], roles: STAFF, load: () => import('./importing/ImportPage.vue') },
  { path: '/contacts', roles: ALL, load: () => import('./contacts/ContactsPage.vue') },
  { path: '/contacts/:id', roles: ALL, load: () => import('./contacts/ContactPage.vue') },
  { path: '/promises', title: ['我的承诺', 'My promises'], roles: STAFF, load: () => import('./promises/PromisesPage.vue') },
  { path: '/cases/:id', roles: ALL, load: () => import('./cases/CasePage.vue') },
]

export function pagesOf(role: Role | undefined): Page[] {
  return PAGES.filter((page) => role && page.roles.includes(role))
}
