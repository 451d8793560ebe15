/**
 * Quantities of Kubernetes (`500m`, `128Mi`, `1.5G`, `1e3`) and the resources of a container in the units of Container
 * Instances: cores in hundredths, memory in tenths of a GB of 10^9 bytes, both rounded down as the connector does.
 */
import type { JsonObject } from '../../model/app.ts';
import { RESOURCES_SHAPE } from './kubernetes-container-shape.ts';
import { described, refused, used } from './kubernetes-fields.ts';
import type { Fields, Shape } from './kubernetes-fields.ts';
import type { Value } from './kubernetes-yaml.ts';

const QUANTITY =
  /^([+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20}))(?:([eE][+-]?[0-9]{1,2})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;
const UNITS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const NO_PART = 'a container of a group asks for cpu, memory and nvidia.com/gpu only';
const AMOUNTS_SHAPE: Shape = {
  cpu: used,
  memory: used,
  'nvidia.com/gpu': used,
  'ephemeral-storage': refused(NO_PART),
};
const GPU = 'nvidia.com/gpu';

/** What the connector asks for where a manifest says nothing. */
const DEFAULT_CPU = 1;
const DEFAULT_MEMORY_GB = 1.5;

export function parseQuantity(text: string): number | undefined {
  const [, number, exponent, unit] = QUANTITY.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Number(`${number}${exponent ?? ''}`) * (unit === undefined ? 1 : (UNITS[unit] ?? 1));
}

export interface ResourcesGiven {
  /** From the annotation of the connector. */
  readonly gpuSku: string | undefined;
}

/** A limit that stands alone is the request as well, as in Kubernetes. */
export function toResources(container: Fields, { gpuSku }: ResourcesGiven): JsonObject {
  const resources = container.object('resources', RESOURCES_SHAPE);
  const requests = resources?.object('requests', AMOUNTS_SHAPE);
  const limits = resources?.object('limits', AMOUNTS_SHAPE);
  const limit = { cpu: coresOf(limits), memoryInGB: memoryOf(limits) };
  const request = { cpu: coresOf(requests) ?? limit.cpu, memoryInGB: memoryOf(requests) ?? limit.memoryInGB };
  for (const [key, name] of [
    ['cpu', 'cpu'],
    ['memoryInGB', 'memory'],
  ] as const) {
    const [asked, most] = [request[key], limit[key]];
    if (limits !== undefined && asked !== undefined && most !== undefined && asked > most)
      container.report.refuse(limits.placeOf(name), `${limits.pathOf(name)}: less than is requested`);
  }
  const gpu = gpuOf(requests, limits, gpuSku);
  const withGpu = gpu === undefined ? {} : { gpu };
  const asked = { cpu: request.cpu ?? DEFAULT_CPU, memoryInGB: request.memoryInGB ?? DEFAULT_MEMORY_GB };
  const hasLimit = limit.cpu !== undefined || limit.memoryInGB !== undefined;
  return {
    requests: { ...asked, ...withGpu },
    ...(hasLimit
      ? { limits: { cpu: limit.cpu ?? asked.cpu, memoryInGB: limit.memoryInGB ?? asked.memoryInGB, ...withGpu } }
      : {}),
  };
}

function coresOf(amounts: Fields | undefined): number | undefined {
  const cores = quantityAt(amounts, 'cpu');
  return cores === undefined ? undefined : Math.max(1, Math.floor(round(cores * 100))) / 100;
}

function memoryOf(amounts: Fields | undefined): number | undefined {
  const bytes = quantityAt(amounts, 'memory');
  return bytes === undefined ? undefined : Math.max(1, Math.floor(round(bytes / 1e8))) / 10;
}

/** Takes away what binary fractions add, so that 0.29 is 29 hundredths. */
function round(value: number): number {
  return Number(value.toPrecision(12));
}

function quantityAt(amounts: Fields | undefined, key: string): number | undefined {
  const value = amounts?.raw(key);
  if (amounts === undefined || value === undefined) return undefined;
  const quantity = quantityOf(value);
  // A core count or a size beyond these is a mistake in the unit.
  const most = key === 'cpu' ? 1000 : 1e15;
  if (quantity !== undefined && quantity > 0 && quantity <= most) return quantity;
  const example = key === 'cpu' ? 'such as 500m or 1.5' : 'such as 512M or 1.5Gi';
  amounts.report.refuse(
    value.at,
    `${amounts.pathOf(key)}: expected a quantity above zero, ${example}, got ${described(value)}`,
  );
  return undefined;
}

function quantityOf(value: Value): number | undefined {
  if (value.kind !== 'scalar') return undefined;
  return typeof value.value === 'number'
    ? value.value
    : typeof value.value === 'string'
      ? parseQuantity(value.value)
      : undefined;
}

const GPU_SKUS = ['K80', 'P100', 'V100'];

function gpuOf(
  requests: Fields | undefined,
  limits: Fields | undefined,
  sku: string | undefined,
): JsonObject | undefined {
  const amounts = limits?.has(GPU) === true ? limits : requests;
  const value = amounts?.raw(GPU);
  if (amounts === undefined || value === undefined) return undefined;
  const count = quantityOf(value);
  const { report } = amounts;
  if (count === undefined || !Number.isInteger(count) || count < 1 || count > 16) {
    report.refuse(
      value.at,
      `${amounts.pathOf(GPU)}: expected a whole number of GPUs from 1 to 16, got ${described(value)}`,
    );
    return undefined;
  }
  const known = GPU_SKUS.find((one) => one === sku?.toUpperCase());
  if (known !== undefined) return { count, sku: known };
  const got = sku === undefined ? '' : `, got "${sku.slice(0, 40)}"`;
  const hint = `annotate the pod with virtual-kubelet.io/gpu-type: one of ${GPU_SKUS.join(', ')}`;
  report.refuse(value.at, `${amounts.pathOf(GPU)}: a group has to say which GPU${got}`, hint);
  return undefined;
}
