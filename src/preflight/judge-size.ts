/** Whether one group of a template fits what a location has, by the capabilities that it lists. Pure. */
import { fail, fine, warn } from './line.ts';
import type { Place, PreflightLine } from './line.ts';
import { sizeOfGroup } from './template-parts.ts';
import type { GroupSize } from './template-parts.ts';

/** As Azure lists them: one entry for each operating system, kind of address and GPU. */
export interface Capability {
  readonly osType: string;
  readonly addressType: string;
  /** `None` where there is none. */
  readonly gpu: string;
  readonly maxCpu: number;
  readonly maxMemoryGb: number;
  readonly maxGpus: number;
}

const NOTHING = sizeOfGroup({});

/** Groups of one location may differ: the first that does not fit is told, else the largest. */
export function judgeSizes(
  sizes: readonly GroupSize[],
  capabilities: readonly Capability[],
  place: Place,
): PreflightLine {
  const lines = sizes.map((size) => judgeSize(size, capabilities, place));
  return lines.find(({ level }) => level !== 'ok') ?? judgeSize(largestOf(sizes), capabilities, place);
}

/** By cores, with the memory of the one that has most. */
export function largestOf(sizes: readonly GroupSize[]): GroupSize {
  const [first = NOTHING, ...others] = sizes;
  return others.reduce((a, b) => ({ ...(b.cpu > a.cpu ? b : a), memoryGb: Math.max(a.memoryGb, b.memoryGb) }), first);
}

function judgeSize(size: GroupSize, capabilities: readonly Capability[], place: Place): PreflightLine {
  const fitting = narrow(size, capabilities);
  if (typeof fitting === 'string')
    return capabilities.length === 0
      ? warn(
          place,
          'Azure lists no capabilities for it',
          'check that its name is right and that it has container instances',
        )
      : fail(place, `has no ${fitting}`, 'choose another location, or change the template');
  const most = fitting.reduce((a, b) => (b.maxCpu > a.maxCpu ? b : a));
  const asked = `${sizeText(size.cpu, size.memoryGb)} a group`;
  const gpus = size.gpu?.count ?? 0;
  if (size.cpu > most.maxCpu || size.memoryGb > most.maxMemoryGb || gpus > most.maxGpus)
    return fail(
      place,
      `the template asks for ${asked}${gpus > 0 ? ` with ${gpus} GPUs` : ''}, and it gives ${sizeText(most.maxCpu, most.maxMemoryGb)}${gpus > 0 ? ` with ${most.maxGpus} GPUs` : ''} at most`,
      'lower the requests of its containers, or choose another location',
    );
  return fine(place, `${asked}, of ${sizeText(most.maxCpu, most.maxMemoryGb)} at most`);
}

/** Or what the location lacks. */
function narrow(
  { osType, addressType, gpu }: GroupSize,
  capabilities: readonly Capability[],
): readonly [Capability, ...Capability[]] | string {
  const steps: readonly (readonly [string, (one: Capability) => boolean])[] = [
    [`groups of ${osType}`, (one) => isSame(one.osType, osType)],
    [
      `groups of ${osType} with a ${addressType ?? ''} address`,
      (one) => addressType === undefined || isSame(one.addressType, addressType),
    ],
    [
      gpu === undefined ? `groups of ${osType} without GPUs` : `GPUs of kind ${gpu.sku}`,
      (one) => isSame(one.gpu || 'None', gpu?.sku ?? 'None'),
    ],
  ];
  let left = capabilities;
  for (const [title, fits] of steps) {
    left = left.filter(fits);
    if (left.length === 0) return title;
  }
  const [first, ...others] = left;
  return first === undefined ? '' : [first, ...others];
}

function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function sizeText(cpu: number, memoryGb: number): string {
  return `${cpu} CPU and ${memoryGb} GB`;
}
