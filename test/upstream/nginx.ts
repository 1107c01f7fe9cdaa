import type { Sources } from './source';

/** nginx with its master and its workers in one process, and without what needs other libraries. */
export const nginx: Sources = {
  package: 'nginx',
  archive: 'nginx_1.22.1.orig.tar.gz',
  sha256: '9ebb333a9e82b952acd3e2b4aeb1d4ff6406f72491bab6cd9fe69f0dea737f31',
  sources: [
    'objs/ngx_modules.c',
    'src/core/!(ngx_regex).c',
    'src/event/!(ngx_event_openssl*).c',
    'src/event/modules/ngx_epoll_module.c',
    'src/os/unix/!(ngx_darwin_*|ngx_freebsd_*|ngx_solaris_*|*_aio_read).c',
    'src/http/!(ngx_http_huff_*|ngx_http_file_cache).c',
    'src/http/modules/ngx_http_{static,index,autoindex,proxy,log,try_files}_module.c',
    'src/http/modules/ngx_http_{headers,chunked,range,not_modified}_filter_module.c',
  ],
  prepare: [
    [
      ...['./configure', '--with-threads', '--without-pcre', '--without-http-cache'],
      ...'charset ssi userid access auth_basic mirror geo map split_clients referer rewrite fastcgi uwsgi scgi grpc memcached limit_conn limit_req empty_gif browser gzip upstream_hash upstream_ip_hash upstream_least_conn upstream_random upstream_keepalive upstream_zone'
        .split(' ')
        .map((name) => `--without-http_${name}_module`),
    ],
    // It asks this computer's C library, which has more than the unikernel's.
    [
      'sed',
      '-i',
      '-E',
      's/NGX_(HAVE_STRERRORDESC_NP|HAVE_LEVEL1_DCACHE_LINESIZE|HAVE_CAPABILITIES|CRYPT)/NGX_NOT_HERE/',
      'objs/ngx_auto_config.h',
    ],
    ['touch', 'objs/crypt.h'],
  ],
  flags: ['src/core', 'src/event', 'src/event/modules', 'src/os/unix', 'src/http', 'src/http/modules', 'objs'].map(
    (folder) => `-Isrc/${folder}`,
  ),
};

/** Its nginx.conf; PORT is where it listens. */
export const nginxConfiguration = (port: number): string => `daemon off;
master_process off;
user root;
pid nginx.pid;
error_log stderr notice;
events { worker_connections 512; }
http {
    access_log off;
    sendfile on;
    tcp_nopush on;
    if_modified_since before;
    types { text/html html; application/json json; }
    default_type application/octet-stream;
    server {
        listen ${port};
        root html;
        location /old { internal; }
        location /proxy/ { proxy_pass http://127.0.0.1:${port}/; }
    }
}
`;
