// The bodies of codicom::separate, once for a program.
#include <codicom/src.hpp>

#include <asio/impl/src.hpp>
