import { createRouter, createWebHashHistory } from 'vue-router'
import { PAGES } from './pages'
import { renew } from './renew'

export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', component: () => import('./shell/StartPage.vue') },
    ...PAGES.map(({ path, load, roles, parts = [] }) => ({
      path,
      component: load,
      meta: { roles },
      children: parts.map((part) => ({ path: part.path, component: part.load })),
    })),
    { path: '/:rest(.*)*', component: () => import('./shell/MissingPage.vue') },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
})

router.onError((_error, to) => void renew(to.fullPath))
