/** Bodies in the shapes that the public documentation shows. */

export interface Pushed {
  readonly host?: string;
  readonly repository?: string;
  readonly tag?: string | undefined;
  readonly action?: string;
}

/** As container-registry-webhook-reference shows it. */
export function acrBody({ host = 'shop.azurecr.io', repository = 'web', tag = '1.1.0', action = 'push' }: Pushed = {}) {
  return {
    id: 'cb8c3971-9adc-488b-bdd8-43cbb4974ff5',
    timestamp: '2017-11-17T16:52:01.343145347Z',
    action,
    target: {
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      size: 524,
      digest: `sha256:${'80f0d5c8'.repeat(8)}`,
      length: 524,
      repository,
      tag,
    },
    request: {
      id: 'a5eaa4c4-6b5f-4a4d-9b5d-9f5c1c5e5f6a',
      host,
      method: 'PUT',
      useragent: 'docker/17.09.0-ce go/go1.8.3 git-commit/afdb6d4 kernel/4.10.0-27-generic os/linux arch/amd64',
    },
  };
}

/** As event-schema-container-registry shows it, in Event Grid's own schema. */
export function eventGridBody(pushed: Pushed = {}, eventType = 'Microsoft.ContainerRegistry.ImagePushed') {
  return [
    {
      id: '831e1650-001e-001b-66ab-eeb76e069631',
      topic: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/shop',
      subject: 'web:1.1.0',
      eventType,
      eventTime: '2018-04-25T21:39:47.6549614Z',
      data: acrBody(pushed),
      dataVersion: '1.0',
      metadataVersion: '1',
    },
  ];
}

/** As event-schema-container-registry shows it, as a CloudEvent. */
export function cloudEventBody(pushed: Pushed = {}, type = 'Microsoft.ContainerRegistry.ImagePushed') {
  return {
    id: '831e1650-001e-001b-66ab-eeb76e069631',
    source: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/shop',
    subject: 'web:1.1.0',
    type,
    time: '2018-04-25T21:39:47.6549614Z',
    data: acrBody(pushed),
    specversion: '1.0',
  };
}

/** As webhook-event-delivery shows it. */
export const validationBody = [
  {
    id: '2d1781af-3a4c-4d7c-bd0c-e34b19da4e66',
    topic: '/subscriptions/xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
    subject: '',
    data: {
      validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
      validationUrl: 'https://rp-eastus2.eventgrid.azure.net:553/eventsubscriptions/estest/validate?id=5&token=A',
    },
    eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
    eventTime: '2018-01-25T22:12:19.4556811Z',
    metadataVersion: '1',
    dataVersion: '1',
  },
];

/** As the registry's page on notifications shows it. */
export function distributionBody(...pushes: readonly Pushed[]) {
  return {
    events: pushes.map(({ host = 'shop.azurecr.io', repository = 'web', tag, action = 'push' }) => ({
      id: '320678d8-ca14-430f-8bb6-4ca139cd83f7',
      timestamp: '2016-03-09T14:44:26.402973972-08:00',
      action,
      target: {
        mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
        size: 708,
        digest: `sha256:${'fea8895f'.repeat(8)}`,
        length: 708,
        repository,
        url: `http://${host}/v2/${repository}/manifests/sha256:fea8895f`,
        ...(tag === undefined ? {} : { tag }),
      },
      request: {
        id: '6df24a34-0959-4923-81ca-14f09767db19',
        addr: '192.168.64.11:42961',
        host,
        method: 'PUT',
        useragent: 'curl/7.38.0',
      },
      actor: {},
      source: { addr: 'xtal.local:5000', instanceID: 'a53db899-3b4b-4a62-a067-8dd013beaca4' },
    })),
  };
}
