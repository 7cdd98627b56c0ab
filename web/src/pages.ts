/** Which pages there are, for whom: the menu and the router are both made from this. */

import type { Component } from 'vue'
import { ADMIN_PARTS } from './admin/parts'
import type { Role } from './session'
import type { Pair } from './ui'

export interface Page {
  path: string
  /** In the menu; pages without one are reached from others. */
  title?: Pair
  roles: Role[]
  load: () => Promise<{ default: Component }>
  /** Pages shown within this one. */
  parts?: Pick<Page, 'path' | 'load'>[]
}

const STAFF: Role[] = ['agent', 'lead', 'admin']
const READERS: Role[] = ['lead', 'executive', 'admin']
const ALL: Role[] = ['agent', 'lead', 'executive', 'admin']

/** Where each role starts. */
export const HOME: Record<Role, string> = { agent: '/log', lead: '/queue', executive: '/board', admin: '/board' }

/** In the order of the menu. */
export const PAGES: Page[] = [
  { path: '/board', title: ['看板', 'Board'], roles: ['lead', 'executive', 'admin'], load: () => import('./board/BoardPage.vue') },
  { path: '/queue', title: ['工单', 'Cases'], roles: ['lead', 'executive', 'admin'], load: () => import('./cases/QueuePage.vue') },
  { path: '/log', title: ['登记', 'Log'], roles: STAFF, load: () => import('./log/LogPage.vue') },
  { path: '/promises', title: ['承诺', 'Promises'], roles: STAFF, load: () => import('./promises/PromisesPage.vue') },
  { path: '/callbacks', title: ['回访', 'Calls'], roles: STAFF, load: () => import('./cases/CallbacksPage.vue') },
  { path: '/andons', title: ['安灯', 'Andon'], roles: ALL, load: () => import('./andons/AndonsPage.vue') },
  { path: '/andons/:id', roles: ALL, load: () => import('./andons/AndonPage.vue') },
  { path: '/review', title: ['复核', 'Review'], roles: STAFF, load: () => import('./review/ReviewPage.vue') },
  { path: '/search', title: ['查找', 'Search'], roles: ALL, load: () => import('./search/SearchPage.vue') },
  { path: '/import', title: ['导入', 'Import'], roles: STAFF, load: () => import('./importing/ImportPage.vue') },
  { path: '/projects', title: ['项目', 'Projects'], roles: ['lead', 'executive', 'admin'], load: () => import('./projects/ProjectsPage.vue') },
  { path: '/projects/:id', roles: ALL, load: () => import('./projects/ProjectPage.vue') },
  { path: '/projects/new', roles: ['lead', 'executive', 'admin'], load: () => import('./projects/NewProjectPage.vue') },
  { path: '/proposals', title: ['新原因', 'New causes'], roles: ['lead', 'executive', 'admin'], load: () => import('./proposals/ProposalsPage.vue') },
  { path: '/proposals/:id', roles: ['lead', 'executive', 'admin'], load: () => import('./proposals/ProposalPage.vue') },
  { path: '/cycle', title: ['周期', 'Cycle'], roles: ALL, load: () => import('./cycle/CyclePage.vue') },
  { path: '/cycle/:week', roles: ALL, load: () => import('./cycle/CyclePage.vue') },
  { path: '/matrix', title: ['矩阵', 'Matrix'], roles: READERS, load: () => import('./matrix/MatrixPage.vue') },
  { path: '/ledger', title: ['结算', 'Charges'], roles: READERS, load: () => import('./ledger/LedgerPage.vue') },
  { path: '/admin', title: ['管理', 'Admin'], roles: ['admin'], load: () => import('./admin/AdminPage.vue'), parts: ADMIN_PARTS },
  { path: '/trend', roles: ALL, load: () => import('./trend/TrendPage.vue') },
  { path: '/cases/:id', roles: ALL, load: () => import('./cases/CasePage.vue') },
  { path: '/contacts', roles: ALL, load: () => import('./contacts/ContactsPage.vue') },
  { path: '/contacts/:id', roles: ALL, load: () => import('./contacts/ContactPage.vue') },
  { path: '/me', roles: ALL, load: () => import('./admin/MePage.vue') },
]

export function pagesOf(role: Role | undefined): Page[] {
  return PAGES.filter((page) => role && page.roles.includes(role))
}
