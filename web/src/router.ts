import { createRouter, createWebHashHistory } from 'vue-router'
import { PAGES } from './pages'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', component: () => import('./shell/StartPage.vue') },
    ...PAGES.map((page) => ({ path: page.path, component: page.load, meta: { roles: page.roles } })),
    { path: '/:rest(.*)*', component: () => import('./shell/MissingPage.vue') },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})
