#pragma once
// The services of PS3.4, as users and as providers.
#include <codicom/service/archive.hpp>
#include <codicom/service/archive_index.hpp>
#include <codicom/service/archive_query.hpp>
#include <codicom/service/bulk_retrieval.hpp>
#include <codicom/service/classes.hpp>
#include <codicom/service/find_instances.hpp>
#include <codicom/service/find_provider.hpp>
#include <codicom/service/get_provider.hpp>
#include <codicom/service/matching.hpp>
#include <codicom/service/move_provider.hpp>
#include <codicom/service/query_extensions.hpp>
#include <codicom/service/query_model.hpp>
#include <codicom/service/retrieval_account.hpp>
#include <codicom/service/retrieve.hpp>
#include <codicom/service/store_receiver.hpp>
