// CloudFront's viewer-request function (cloudfront-js-2.0). infra/edge_rules.py fills in the rules and says what they mean.
const RULES = /* RULES */ {};

function refuse(status, description, detail) {
  return {
    statusCode: status,
    statusDescription: description,
    headers: { 'content-type': { value: 'application/json' }, 'cache-control': { value: 'no-store' } },
    body: { encoding: 'text', data: JSON.stringify({ detail: detail }) },
  };
}

function within(path, root) {
  return path === root || path.startsWith(root + '/');
}

// eslint-disable-next-line no-unused-vars
function handler(event) {
  const request = event.request;
  const path = request.uri;
  const headers = request.headers;
  delete headers[RULES.verify];
  if (headers.host) headers[RULES.host] = { value: headers.host.value };
  headers[RULES.proto] = { value: 'https' };
  headers[RULES.address] = { value: event.viewer.ip };

  if (within(path, RULES.socketPath)) {
    const transport = request.querystring.transport;
    if (!transport || transport.value !== 'websocket') return refuse(400, 'Bad Request', RULES.socketOnly);
    request.uri = RULES.socketTarget;
    return request;
  }
  if (RULES.apiRoots.some((root) => within(path, root))) {
    const length = headers['content-length'];
    if (length && Number(length.value) > RULES.bodyLimit) return refuse(413, 'Payload Too Large', RULES.tooLarge);
    if (path.endsWith('/')) request.uri = path + RULES.rootMark;
    return request;
  }
  if (!path.slice(path.lastIndexOf('/') + 1).includes('.')) request.uri = '/index.html';
  return request;
}
