/** What becomes of every key of a volume. docs/templates-kubernetes.md says the same. */
import { noted, refused, used } from './kubernetes-fields.ts';
import type { Rule, Shape } from './kubernetes-fields.ts';

const NO_DISKS = 'a group mounts no disks and no claims, but shares of Azure Files';
const NO_DRIVER = 'a group has no such volumes';
const NO_MODES = 'files of a group have no modes of their own';

const disk = refused(NO_DISKS);
const other = refused(NO_DRIVER);

export const VOLUME_SHAPE: Shape = {
  name: used,
  emptyDir: used,
  secret: used,
  configMap: used,
  azureFile: used,
  csi: used,
  gitRepo: used,
  projected: used,
  persistentVolumeClaim: disk,
  ephemeral: disk,
  azureDisk: disk,
  awsElasticBlockStore: disk,
  gcePersistentDisk: disk,
  cinder: disk,
  fc: disk,
  iscsi: disk,
  vsphereVolume: disk,
  photonPersistentDisk: disk,
  hostPath: refused('a group has no host whose files could be seen'),
  downwardAPI: refused('what a pod knows of itself is not there in a group'),
  cephfs: other,
  flexVolume: other,
  flocker: other,
  glusterfs: other,
  image: other,
  nfs: other,
  portworxVolume: other,
  quobyte: other,
  rbd: other,
  scaleIO: other,
  storageos: other,
};

/** 0644 is what Kubernetes gives by itself. */
const mode: Rule = refused(NO_MODES, 0o644);

export const EMPTY_DIR_SHAPE: Shape = {
  medium: refused('an empty volume of a group is on a disk', ''),
  sizeLimit: noted('Container Instances limits the size of an empty volume by itself'),
};
export const SECRET_SHAPE: Shape = { secretName: used, items: used, optional: used, defaultMode: mode };
export const CONFIG_MAP_SHAPE: Shape = { name: used, items: used, optional: used, defaultMode: mode };
export const ITEM_SHAPE: Shape = { key: used, path: used, mode };
export const PROJECTED_SHAPE: Shape = { sources: used, defaultMode: mode };
export const PROJECTED_SOURCE_SHAPE: Shape = {
  secret: used,
  configMap: used,
  serviceAccountToken: refused('nothing in a group speaks to a cluster'),
  clusterTrustBundle: refused('nothing in a group speaks to a cluster'),
  podCertificate: refused('nothing in a group speaks to a cluster'),
  downwardAPI: refused('what a pod knows of itself is not there in a group'),
};
export const PROJECTED_FILES_SHAPE: Shape = { name: used, items: used, optional: used };
export const AZURE_FILE_SHAPE: Shape = {
  shareName: used,
  secretName: used,
  readOnly: used,
  secretNamespace: refused('Secrets are those of this file, of the namespace of the pod'),
};
export const CSI_SHAPE: Shape = {
  driver: used,
  volumeAttributes: used,
  readOnly: used,
  fsType: refused(NO_DRIVER),
  nodePublishSecretRef: refused('the storage account is named by secretName of the volumeAttributes'),
};
export const CSI_ATTRIBUTES_SHAPE: Shape = {
  shareName: used,
  secretName: used,
  mountOptions: refused('a group mounts a share in one way'),
  server: refused('a share is reached at its own address'),
  secretNamespace: refused('Secrets are those of this file, of the namespace of the pod'),
  protocol: refused('a group mounts a share in one way', 'smb'),
};
export const GIT_REPO_SHAPE: Shape = { repository: used, revision: used, directory: used };
