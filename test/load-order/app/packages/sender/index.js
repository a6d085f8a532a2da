'use strict';
const http = require('node:http');

exports.byHttp = (url) =>
  new Promise((resolve, reject) => {
    const request = http.get(url, (response) => {
      let text = '';
      response.on('data', (data) => (text += data)).on('end', () => resolve(`${response.statusCode} ${text.trim()}`));
    });
    request.on('error', reject);
  });

exports.byFetch = async (url) => {
  const response = await fetch(url);
  return `${response.status} ${(await response.text()).trim()}`;
};
