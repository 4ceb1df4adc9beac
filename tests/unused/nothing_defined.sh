#!/bin/sh
# nothing_defined.sh NM OBJECT: a unit that uses nothing of codicom defines nothing of it, so nothing of it was compiled. What
# this finds is most often the virtual functions of a class, see core/config.hpp: their first needs CODICOM_FUNCTION, or `inline`.
# Allowed are the keys of services of execution contexts, which Asio wants to be objects with constructors.
symbols=$("$1" -C --defined-only "$2") || exit 1
[ -n "${symbols}" ] || { echo "$2 has no symbols at all"; exit 1; }
! printf '%s\n' "${symbols}" | grep 'codicom::' | grep -vE '(::id|::~?service_id\(\))$'
