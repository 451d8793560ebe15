import { defineConfig } from 'vitest/config';

// System tests need Debian packages (the az CLI); `.ci/run` installs those and runs them with `npm run test:system`.
export default defineConfig({
  test: {
    // Most tests wait for a clock or a socket: more of them at a time than there are cores.
    maxWorkers: 4,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{e2e,system}.test.ts'],
          testTimeout: 20_000,
        },
      },
      { test: { name: 'e2e', include: ['test/**/*.e2e.test.ts'], testTimeout: 120_000, hookTimeout: 60_000 } },
      { test: { name: 'system', include: ['test/**/*.system.test.ts'], testTimeout: 600_000, hookTimeout: 120_000 } },
    ],
  },
});
