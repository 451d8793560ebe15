import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as containers from '../../../src/config/templates/kubernetes-container-shape.ts';
import type { Shape } from '../../../src/config/templates/kubernetes-fields.ts';
import * as pods from '../../../src/config/templates/kubernetes-pod-shape.ts';
import * as volumes from '../../../src/config/templates/kubernetes-volume-shape.ts';

const text = readFileSync('docs/templates-kubernetes.md', 'utf8');
/** Told as a whole: what Kubernetes itself writes, and the parts of what is named. */
const TOLD_TOGETHER = new Set(Object.keys(pods.METADATA_SHAPE));

describe('docs/templates-kubernetes.md', () => {
  const shapes: readonly (readonly [string, Shape])[] = Object.entries({ ...pods, ...containers, ...volumes });
  test.each(shapes)('names every key of %s that is not simply taken', (_, shape) => {
    const keys = Object.entries(shape).filter(([key, { kind }]) => kind !== 'used' && !TOLD_TOGETHER.has(key));
    expect(keys.map(([key]) => key).filter((key) => !new RegExp(`[\`.]${key}\\b`).test(text))).toEqual([]);
  });
});
