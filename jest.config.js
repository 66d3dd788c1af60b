/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  moduleNameMapper: { '^tenzo$': '<rootDir>/lib/index.ts', '^tenzo/jest$': '<rootDir>/lib/jest.ts' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        // (Of the decorators' proposal, `accessor` is used.)
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { decoratorVersion: '2022-03' },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/build', '<rootDir>/dist', '<rootDir>/prebuilds'],
  testTimeout: 30_000,
}
