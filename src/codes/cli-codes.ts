import type { CodeEntry } from '../dxa/values/finding.ts';

export const CLI_CODES = {
  SIMULATOR_NOT_INSTALLED: {
    text: 'The simulator is not part of this installation: the packages that it needs are for development only, and were left out.',
    remedy:
      'Run dxaflow simulate or dxaflow demo in a checkout with all packages (npm ci, then npx dxaflow demo). The image and everything else here work without it.',
    permanence: 'permanent',
  },
} as const satisfies Record<string, CodeEntry>;
