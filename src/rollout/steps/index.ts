/** The kinds of step, by name. A new step is one new file and one line here. */
import type { StepKind } from '../state.ts';
import type { StepLogic } from '../verdict.ts';
import { deregister } from './deregister.ts';
import { drain } from './drain.ts';
import { online } from './online.ts';
import { provision } from './provision.ts';
import { register } from './register.ts';
import { retire } from './retire.ts';
import { verify } from './verify.ts';

export const STEPS: Readonly<Record<StepKind, StepLogic>> = {
  provision,
  verify,
  register,
  online,
  deregister,
  drain,
  retire,
};
