// What Boost.Asio and Boost.Beast leave out of their headers: compiled here, once for all.
#include <boost/asio/impl/src.hpp>
#include <boost/asio/ssl/impl/src.hpp>
#include <boost/beast/src.hpp>
