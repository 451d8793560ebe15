/** The kinds of step, by name. A new step is one new file and one line here. */
import type { StepKind } from '../state.ts';
import type { StepLogic } from '../verdict.ts';
import { bake } from './bake.ts';
import { capture } from './capture.ts';
import { check } from './check.ts';
import { deregister } from './deregister.ts';
import { drain } from './drain.ts';
import { gate } from './gate.ts';
import { online } from './online.ts';
import { provision } from './provision.ts';
import { register } from './register.ts';
import { retire } from './retire.ts';
import { swap } from './swap.ts';
import { tag } from './tag.ts';
import { verify } from './verify.ts';
import { weigh } from './weigh.ts';

export const STEPS: Readonly<Record<StepKind, StepLogic>> = {
  provision,
  verify,
  check,
  gate,
  register,
  online,
  weigh,
  swap,
  bake,
  deregister,
  drain,
  retire,
  tag,
  capture,
};
