import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [vue()],
  test: { environment: 'happy-dom', css: true, include: ['test/**/*.test.ts'], testTimeout: 60_000 },
})
