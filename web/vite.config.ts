import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

// Relative addresses and hash routes: the same files work from ./voc run and from a bucket, without rewrite rules.
export default defineConfig({
  base: './',
  plugins: [vue()],
  build: {
    target: 'es2022',
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 600, // ECharts, which comes after the page
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // nothing inline: the content policy allows files of our own only
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8000' } },
})
