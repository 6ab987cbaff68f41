# shellcheck shell=bash
# The example for nginx as it is shipped: www-data reaches the daemon once it is in the group, and nobody else does.

example=/usr/share/doc/claviger/examples/nginx
if [ ! -d $example ]; then  # the guest leaves out all documentation
  dpkg-deb --extract /root/claviger.deb /root/unpacked
  example=/root/unpacked$example
fi
service=$(readlink -f /usr/bin/python3)
status() {  # PATH [KEY]
  curl --silent --output /dev/null --write-out '%{http_code}' ${2:+--header "Authorization: Bearer $2"} \
    "http://127.0.0.1:8080$1"
}
answers() { [ "$(status "$2" "${3-}")" = "$1" ]; }

mkdir -p /etc/nginx/claviger /srv/empty/policies/edit
cp $example/claviger.lua /etc/nginx/claviger/
cp $example/site.conf /etc/nginx/conf.d/claviger.conf
touch /srv/empty/whoami
systemd-run --quiet --unit=behind "$service" -m http.server --directory /srv/empty --bind 127.0.0.1 8081
check 'nginx takes the example as it is' nginx -t
check 'nginx starts' systemctl restart nginx.service
within 'the service behind it is there' 10 curl --silent --output /dev/null http://127.0.0.1:8081/

key=$(new_key reader --scope read:policies:admin)
equal 'before www-data is in the group, a valid key is 503' 503 "$(status /policies/ "$key")"
refused 'for it may not connect' as www-data socat -u OPEN:/dev/null UNIX-CONNECT:/run/claviger/io.claviger.Verify
check 'www-data becomes a member of claviger-verify' usermod --append --groups claviger-verify www-data
check 'nginx is started again' systemctl restart nginx.service
within 'the valid key passes' 10 answers 200 /policies/ "$key"
equal 'it does not pass where it lacks a scope' 403 "$(status /policies/edit/ "$key")"
equal 'no key does not pass' 401 "$(status /policies/)"
equal 'rubbish does not pass' 401 "$(status /policies/ rubbish)"
refused 'www-data cannot reach the socket for operators' \
  as www-data socat -u OPEN:/dev/null UNIX-CONNECT:/run/claviger/io.claviger.Admin

check 'the service is restarted' systemctl restart claviger.service
within 'the valid key passes again' 10 answers 200 /policies/ "$key"
claviger key revoke --reason tried --yes "$(cut -d_ -f2 <<<"$key")" >/dev/null
equal 'a revoked key does not pass' 401 "$(status /policies/ "$key")"
secret=$(cut -d_ -f3 <<<"$key")
equal 'no log of nginx holds the key' '' "$(grep -rlF "$secret" /var/log/nginx)"
refused 'nor does the journal' bash -c "journalctl --no-pager | grep -F '$secret'"
