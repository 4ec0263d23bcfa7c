import { COMMON_FACTS } from './common-facts.ts';
import type { Fact } from './fact.ts';
import { GE_FACTS } from './ge-facts.ts';
import { HOLOGIC_FACTS } from './hologic-facts.ts';

export const FACTS: readonly Fact[] = [...COMMON_FACTS, ...GE_FACTS, ...HOLOGIC_FACTS];
