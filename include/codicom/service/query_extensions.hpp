#pragma once
#include <codicom/core/bytes.hpp>
#include <codicom/core/unique_id.hpp>
#include <codicom/data_set/data_set.hpp>
#include <codicom/dul/association_parameters.hpp>
#include <codicom/dul/negotiation.hpp>
#include <codicom/service/matching.hpp>
#include <codicom/service/query_model.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace codicom::service {

/// The service-class-application-information of an A-ASSOCIATE-RQ: as few bytes as an edition of the standard had that
/// knew them: 1, 3, 4 or 7, since an older acceptor may not expect more.
[[nodiscard]] std::vector<std::byte> encode(query_extensions offered);
/// Absent bytes are 0, unknown ones are passed over; only the value 1 says yes.
[[nodiscard]] query_extensions decode_query_extensions(byte_span information) noexcept;
/// The acceptor's answer to `offered`: never longer than it, 1 where both support it.
[[nodiscard]] std::vector<std::byte> answer_extensions(byte_span offered, query_extensions supported);

/// Offer extensions with a C-FIND SOP class in an A-ASSOCIATE-RQ. To be called besides `propose`.
void offer(dul::requestor_options& options, const unique_id& find_class, query_extensions extensions);
/// Let an acceptor answer the item for the C-FIND classes of Query/Retrieve. Items of other SOP classes go on to the
/// `on_extended` that was there.
void accept_extensions(dul::acceptor_policy& policy, query_extensions supported);
/// What is in force for a SOP class on an association, on either side.
[[nodiscard]] query_extensions negotiated_extensions(const dul::association_parameters& parameters,
                                                            const unique_id& sop_class) noexcept;

/// The unique key of a level above the query's own that has no single value, which only a relational query may leave out
/// (PS3.4 §C.4.1.2.1); nothing when all have one.
[[nodiscard]] std::optional<element_tag> missing_unique_key(const data_set& keys, query_model model);

/// The extension that the keys of a query use though it is not among `negotiated`, and what to do about it, in one
/// sentence; "" when there is none. `Query/Retrieve Level` must be one of the model.
[[nodiscard]] std::string missing_extension(const data_set& keys, const unique_id& find_class,
                                                   query_extensions negotiated);
/// The same as an error, for an SCU before it asks: also when one of `wanted`, which keys need not show, is not in force.
/// @throws std::system_error `errc::invalid_argument`
void require_extensions(const data_set& keys, const unique_id& find_class,
                               const dul::association_parameters& parameters, query_extensions wanted = {});

}  // namespace codicom::service

#ifndef CODICOM_SEPARATE_COMPILATION
#include <codicom/service/impl/query_extensions.hpp>
#endif
