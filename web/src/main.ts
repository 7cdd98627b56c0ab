import './tokens.css'
import './base.css'
import { createApp } from 'vue'
import App from './shell/App.vue'
import { router } from './router'

createApp(App).use(router).mount('#app')
