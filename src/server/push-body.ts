/**
 * Reads the bodies that tell of pushes: of ACR's webhooks, Event Grid (in its own schema and as CloudEvents) and the
 * Distribution registry. Only which repository it is about is taken from them, since what was pushed is looked up in the
 * registry. Pure.
 */
import { z } from 'zod';

export type PushFormat = 'acr' | 'eventGrid' | 'distribution';

export interface PushedImage {
  /** As clients of the registry call it, perhaps with a port. */
  readonly host: string;
  readonly repository: string;
}

export type PushBody =
  | { readonly kind: 'pushed'; readonly images: readonly PushedImage[] }
  /** Event Grid asks whether its events are wanted here; the code is the answer. */
  | { readonly kind: 'validation'; readonly code: string }
  /** Sentence for the sender. */
  | { readonly kind: 'malformed'; readonly expected: string };

const word = z
  .string()
  .max(300)
  .regex(/^[!-~]+$/);

const push = z
  .object({
    action: z.literal('push'),
    target: z.object({ repository: word, tag: z.string().optional() }),
    request: z.object({ host: word }),
  })
  .transform(({ target, request }) => ({
    host: request.host,
    repository: target.repository,
    hasTag: target.tag !== undefined && target.tag !== '',
  }));

/** Deletions, pulls, pings: nothing to look for. */
const nothing = z.object({ action: z.string().refine((action) => action !== 'push') }).transform(() => undefined);

/** https://learn.microsoft.com/azure/container-registry/container-registry-webhook-reference */
const acr = z.union([push, nothing]);

/** https://distribution.github.io/distribution/about/notifications */
const distribution = z.object({ events: z.array(acr) });

const VALIDATION = 'Microsoft.EventGrid.SubscriptionValidationEvent';
const PUSHED = 'Microsoft.ContainerRegistry.ImagePushed';

/** https://learn.microsoft.com/azure/event-grid/event-schema-container-registry, in Event Grid's own schema. */
const eventGrid = z
  .array(
    z.union([
      z
        .object({ eventType: z.literal(VALIDATION), data: z.object({ validationCode: word }) })
        .transform(({ data }) => ({ code: data.validationCode })),
      z.object({ eventType: z.literal(PUSHED), data: push }).transform(({ data }) => ({ image: data })),
      z
        .object({ eventType: z.string().refine((type) => type !== VALIDATION && type !== PUSHED) })
        .transform(() => ({})),
    ]),
  )
  .min(1);

/** The same page, as CloudEvents 1.0: one event, or a list where events are delivered in batches. */
const cloudEvent = z.union([
  z
    .object({ specversion: z.literal('1.0'), type: z.literal(PUSHED), data: push })
    .transform(({ data }) => ({ image: data })),
  z
    .object({ specversion: z.literal('1.0'), type: z.string().refine((type) => type !== PUSHED) })
    .transform((): { image?: PushedImage } => ({})),
]);
const cloudEvents = z.union([cloudEvent.transform((event) => [event]), z.array(cloudEvent).min(1)]);

const EVENT = '{"action": "push", "target": {"repository": …}, "request": {"host": …}}';
const EXPECTED: Readonly<Record<PushFormat, string>> = {
  acr: `expected the JSON of a webhook of Azure Container Registry, such as ${EVENT}`,
  eventGrid: `expected events in Event Grid's schema, such as [{"eventType": "${PUSHED}", "data": ${EVENT}}], or CloudEvents, such as {"specversion": "1.0", "type": "${PUSHED}", "data": ${EVENT}}`,
  distribution: `expected the JSON of application/vnd.docker.distribution.events.v1+json, such as {"events": [${EVENT}]}`,
};

export function readPushBody(format: PushFormat, text: string): PushBody {
  const json = parseJson(text);
  const read = json === undefined ? undefined : readers[format](json);
  return read ?? { kind: 'malformed', expected: EXPECTED[format] };
}

const readers: Readonly<Record<PushFormat, (json: unknown) => PushBody | undefined>> = {
  acr(json) {
    const read = acr.safeParse(json);
    return read.success ? pushed([read.data]) : undefined;
  },
  eventGrid(json) {
    const read = eventGrid.safeParse(json);
    if (!read.success) {
      const events = cloudEvents.safeParse(json);
      return events.success ? pushed(events.data.map(({ image }) => image)) : undefined;
    }
    const code = read.data.flatMap((event) => ('code' in event ? [event.code] : []))[0];
    if (code !== undefined) return { kind: 'validation', code };
    return pushed(read.data.map((event) => ('image' in event ? event.image : undefined)));
  },
  distribution(json) {
    const read = distribution.safeParse(json);
    // Each layer and each platform is an event of its own; what is new in a list has a tag.
    return read.success ? pushed(read.data.events.filter((image) => image?.hasTag)) : undefined;
  },
};

function pushed(images: readonly (PushedImage | undefined)[]): PushBody {
  return { kind: 'pushed', images: images.filter((image) => image !== undefined) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
