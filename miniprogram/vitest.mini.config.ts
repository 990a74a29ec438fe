import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/mini/**/*.test.ts'], environment: 'jsdom', globalSetup: ['test/mini/compiler.ts'], testTimeout: 60_000, hookTimeout: 120_000, fileParallelism: false },
})
