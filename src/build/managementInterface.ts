/**
 * The interface of the management canister (interface specification, "IC management canister", ic.did of 0.66), for programs that import
 * `ic:aaaaa-aa`. The methods that this release of the replica has are written as its own rows print them, which a test compares.
 */
export const MANAGEMENT_INTERFACE: string = `type network = variant { mainnet; testnet };
type key = record { name : text; curve : variant { secp256k1 } };
type schnorr_key = record { name : text; algorithm : variant { bip340secp256k1; ed25519 } };
type vetkd_key = record { name : text; curve : variant { bls12_381_g2 } };
type header = record { name : text; value : text };
type http_response = record { status : nat; headers : vec header; body : blob };
type utxo = record { outpoint : record { txid : blob; vout : nat32 }; value : nat64; height : nat32 };
service : {
  http_request : (record {
    url : text; max_response_bytes : opt nat64; method : variant { get; head; post }; headers : vec header; body : opt blob; is_replicated : opt bool;
    transform : opt record { function : func (record { response : http_response; context : blob }) -> (http_response) query; context : blob };
  }) -> (http_response);
  ecdsa_public_key : (record { canister_id : opt principal; derivation_path : vec blob; key_id : key }) -> (record { public_key : blob; chain_code : blob });
  sign_with_ecdsa : (record { message_hash : blob; derivation_path : vec blob; key_id : key }) -> (record { signature : blob });
  schnorr_public_key : (record { canister_id : opt principal; derivation_path : vec blob; key_id : schnorr_key }) -> (record { public_key : blob; chain_code : blob });
  sign_with_schnorr : (record {
    message : blob; derivation_path : vec blob; key_id : schnorr_key; aux : opt variant { bip341 : record { merkle_root_hash : blob } };
  }) -> (record { signature : blob });
  vetkd_public_key : (record { canister_id : opt principal; context : blob; key_id : vetkd_key }) -> (record { public_key : blob });
  vetkd_derive_key : (record { input : blob; context : blob; transport_public_key : blob; key_id : vetkd_key }) -> (record { encrypted_key : blob });
  bitcoin_get_balance : (record { network : network; address : text; min_confirmations : opt nat32 }) -> (nat64);
  bitcoin_get_utxos : (record { network : network; address : text; filter : opt variant { min_confirmations : nat32; page : blob } })
    -> (record { utxos : vec utxo; tip_block_hash : blob; tip_height : nat32; next_page : opt blob });
  bitcoin_get_current_fee_percentiles : (record { network : network }) -> (vec nat64);
  bitcoin_get_block_headers : (record { start_height : nat32; end_height : opt nat32; network : network }) -> (record { tip_height : nat32; block_headers : vec blob });
  bitcoin_send_transaction : (record { network : network; transaction : blob }) -> ();
  create_canister : (record {settings:opt record {freezing_threshold:opt nat; wasm_memory_threshold:opt nat; environment_variables:opt vec record {value:text; name:text}; controllers:opt vec principal; minimum_incoming_canister_call_cycles:opt nat; reserved_cycles_limit:opt nat; log_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; log_memory_limit:opt nat; snapshot_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; wasm_memory_limit:opt nat; status_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; memory_allocation:opt nat; compute_allocation:opt nat}; sender_canister_version:opt nat64}) -> (record {canister_id:principal});
  provisional_create_canister_with_cycles : (record {settings:opt record {freezing_threshold:opt nat; wasm_memory_threshold:opt nat; environment_variables:opt vec record {value:text; name:text}; controllers:opt vec principal; minimum_incoming_canister_call_cycles:opt nat; reserved_cycles_limit:opt nat; log_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; log_memory_limit:opt nat; snapshot_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; wasm_memory_limit:opt nat; status_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; memory_allocation:opt nat; compute_allocation:opt nat}; specified_id:opt principal; amount:opt nat; sender_canister_version:opt nat64}) -> (record {canister_id:principal});
  provisional_top_up_canister : (record {canister_id:principal; amount:nat}) -> ();
  update_settings : (record {canister_id:principal; settings:record {freezing_threshold:opt nat; wasm_memory_threshold:opt nat; environment_variables:opt vec record {value:text; name:text}; controllers:opt vec principal; minimum_incoming_canister_call_cycles:opt nat; reserved_cycles_limit:opt nat; log_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; log_memory_limit:opt nat; snapshot_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; wasm_memory_limit:opt nat; status_visibility:opt variant {controllers; public; allowed_viewers:vec principal}; memory_allocation:opt nat; compute_allocation:opt nat}; sender_canister_version:opt nat64}) -> ();
  install_code : (record {arg:blob; wasm_module:blob; mode:variant {reinstall; upgrade:opt record {wasm_memory_persistence:opt variant {keep; replace}; skip_pre_upgrade:opt bool}; install}; canister_id:principal; sender_canister_version:opt nat64}) -> ();
  install_chunked_code : (record {arg:blob; wasm_module_hash:blob; mode:variant {reinstall; upgrade:opt record {wasm_memory_persistence:opt variant {keep; replace}; skip_pre_upgrade:opt bool}; install}; chunk_hashes_list:vec record {hash:blob}; target_canister:principal; store_canister:opt principal; sender_canister_version:opt nat64}) -> ();
  upload_chunk : (record {chunk:blob; canister_id:principal}) -> (record {hash:blob});
  stored_chunks : (record {canister_id:principal}) -> (vec record {hash:blob});
  clear_chunk_store : (record {canister_id:principal}) -> ();
  uninstall_code : (record {canister_id:principal; sender_canister_version:opt nat64}) -> ();
  start_canister : (record {canister_id:principal}) -> ();
  stop_canister : (record {canister_id:principal}) -> ();
  delete_canister : (record {canister_id:principal}) -> ();
  deposit_cycles : (record {canister_id:principal}) -> ();
  raw_rand : () -> (blob);
  canister_status : (record {canister_id:principal}) -> (record {memory_metrics:record {wasm_binary_size:nat; log_memory_store_size:nat; wasm_chunk_store_size:nat; canister_history_size:nat; stable_memory_size:nat; snapshots_size:nat; wasm_memory_size:nat; global_memory_size:nat; custom_sections_size:nat}; status:variant {stopped; stopping; running}; memory_size:nat; ready_for_migration:bool; version:nat64; cycles:nat; settings:record {freezing_threshold:nat; wasm_memory_threshold:nat; environment_variables:vec record {value:text; name:text}; controllers:vec principal; minimum_incoming_canister_call_cycles:nat; reserved_cycles_limit:nat; log_visibility:variant {controllers; public; allowed_viewers:vec principal}; log_memory_limit:nat; snapshot_visibility:variant {controllers; public; allowed_viewers:vec principal}; wasm_memory_limit:nat; status_visibility:variant {controllers; public; allowed_viewers:vec principal}; memory_allocation:nat; compute_allocation:nat}; query_stats:record {response_payload_bytes_total:nat; num_instructions_total:nat; num_calls_total:nat; request_payload_bytes_total:nat}; idle_cycles_burned_per_day:nat; module_hash:opt blob; reserved_cycles:nat});
  canister_info : (record {canister_id:principal; num_requested_changes:opt nat64}) -> (record {controllers:vec principal; module_hash:opt blob; recent_changes:vec record {timestamp_nanos:nat64; canister_version:nat64; origin:variant {from_user:record {user_id:principal}; from_canister:record {canister_version:opt nat64; canister_id:principal}}; details:variant {creation:record {controllers:vec principal; environment_variables_hash:opt blob}; code_deployment:record {mode:variant {reinstall; upgrade; install}; module_hash:blob}; load_snapshot:record {canister_version:nat64; source:variant {metadata_upload:reserved; taken_from_canister:reserved}; from_canister_id:opt principal; taken_at_timestamp:nat64; snapshot_id:blob}; rename_canister:record {rename_to:record {canister_id:principal; version:nat64; total_num_changes:nat64}; canister_id:principal; requested_by:principal; total_num_changes:nat64}; controllers_change:record {controllers:vec principal}; code_uninstall}}; total_num_changes:nat64});
  canister_metrics : (record {canister_id:principal}) -> (record {cycles_consumed:record {memory:nat; canister_creation:nat; burned_cycles:nat; http_outcalls:nat; instructions:nat; uninstall:nat; ingress_induction:nat; request_and_response_transmission:nat; compute_allocation:nat}});
  take_canister_snapshot : (record {replace_snapshot:opt blob; canister_id:principal; uninstall_code:opt bool; sender_canister_version:opt nat64}) -> (record {id:blob; total_size:nat64; taken_at_timestamp:nat64});
  load_canister_snapshot : (record {canister_id:principal; sender_canister_version:opt nat64; snapshot_id:blob}) -> ();
  list_canister_snapshots : (record {canister_id:principal}) -> (vec record {id:blob; total_size:nat64; taken_at_timestamp:nat64});
  delete_canister_snapshot : (record {canister_id:principal; snapshot_id:blob}) -> ();
  read_canister_snapshot_metadata : (record {canister_id:principal; snapshot_id:blob}) -> (record {globals:vec variant {f32:float32; f64:float64; i32:int32; i64:int64; v128:nat}; canister_version:nat64; source:variant {metadata_upload:reserved; taken_from_canister:reserved}; certified_data:blob; global_timer:opt variant {active:nat64; inactive}; on_low_wasm_memory_hook_status:opt variant {condition_not_satisfied; executed; ready}; wasm_module_size:nat64; stable_memory_size:nat64; wasm_chunk_store:vec record {hash:blob}; taken_at_timestamp:nat64; wasm_memory_size:nat64});
  read_canister_snapshot_data : (record {kind:variant {wasm_module:record {size:nat64; offset:nat64}; wasm_memory:record {size:nat64; offset:nat64}; stable_memory:record {size:nat64; offset:nat64}; wasm_chunk:record {hash:blob}}; canister_id:principal; snapshot_id:blob}) -> (record {chunk:blob});
  upload_canister_snapshot_metadata : (record {globals:vec variant {f32:float32; f64:float64; i32:int32; i64:int64; v128:nat}; replace_snapshot:opt blob; certified_data:blob; global_timer:opt variant {active:nat64; inactive}; on_low_wasm_memory_hook_status:opt variant {condition_not_satisfied; executed; ready}; wasm_module_size:nat64; canister_id:principal; stable_memory_size:nat64; wasm_memory_size:nat64}) -> (record {snapshot_id:blob});
  upload_canister_snapshot_data : (record {chunk:blob; kind:variant {wasm_module:record {offset:nat64}; wasm_memory:record {offset:nat64}; stable_memory:record {offset:nat64}; wasm_chunk}; canister_id:principal; snapshot_id:blob}) -> ();
  subnet_info : (record {subnet_id:principal}) -> (record {replica_version:text; registry_version:nat64});
  node_metrics_history : (record {start_at_timestamp_nanos:nat64; subnet_id:principal}) -> (vec record {timestamp_nanos:nat64; node_metrics:vec record {num_block_failures_total:nat64; node_id:principal; num_blocks_proposed_total:nat64}});
  list_canisters : () -> (record {canisters:vec record {end:principal; start:principal}});
  canister_metadata : (record {name:text; canister_id:principal}) -> (record {value:blob});
  fetch_canister_logs : (record {canister_id:principal; filter:opt variant {by_idx:record {end:nat64; start:nat64}; by_timestamp_nanos:record {end:nat64; start:nat64}}}) -> (record {canister_log_records:vec record {idx:nat64; timestamp_nanos:nat64; content:blob}}) query;
}
`;
