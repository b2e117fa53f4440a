# HAProxy with the shop's configuration. A mounted file would keep the mode of the checkout's (HAProxy is not its owner),
# and the engine need not be on this machine.
FROM haproxy:3.0
USER root
COPY haproxy.cfg errors.map /usr/local/etc/haproxy/
RUN chmod 0644 /usr/local/etc/haproxy/*
USER haproxy
