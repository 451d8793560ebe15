/** Endpoints of the public and the sovereign clouds, as their documentation names them. */
export const CLOUDS = {
  public: {
    resourceManager: 'https://management.azure.com',
    audience: 'https://management.azure.com',
    authority: 'https://login.microsoftonline.com',
    metrics: 'metrics.monitor.azure.com',
    logs: 'https://api.loganalytics.io',
    vaults: 'vault.azure.net',
  },
  usGovernment: {
    resourceManager: 'https://management.usgovcloudapi.net',
    audience: 'https://management.usgovcloudapi.net',
    authority: 'https://login.microsoftonline.us',
    metrics: 'metrics.monitor.azure.us',
    logs: 'https://api.loganalytics.us',
    vaults: 'vault.usgovcloudapi.net',
  },
  china: {
    resourceManager: 'https://management.chinacloudapi.cn',
    audience: 'https://management.chinacloudapi.cn',
    authority: 'https://login.chinacloudapi.cn',
    metrics: 'metrics.monitor.azure.cn',
    logs: 'https://api.loganalytics.azure.cn',
    vaults: 'vault.azure.cn',
  },
} as const;
