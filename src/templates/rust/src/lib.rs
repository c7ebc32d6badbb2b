use std::cell::RefCell;

use candid::Nat;

thread_local! {
    static COUNT: RefCell<Nat> = RefCell::new(Nat::from(0u32));
}

/// Adds to the count and gives the new value.
#[ic_cdk::update]
fn increment(by: Nat) -> Nat {
    COUNT.with_borrow_mut(|count| {
        *count += by;
        ic_cdk::println!("count is now {count}");
        count.clone()
    })
}

/// The count, without changing it.
#[ic_cdk::query]
fn get() -> Nat {
    COUNT.with_borrow(Nat::clone)
}

/// Before an upgrade the count goes into stable memory, which is kept.
#[ic_cdk::pre_upgrade]
fn save() {
    let count = COUNT.with_borrow(Nat::clone);
    ic_cdk::storage::stable_save((count,)).expect("the count can be saved");
}

#[ic_cdk::post_upgrade]
fn restore() {
    let (count,): (Nat,) = ic_cdk::storage::stable_restore().expect("the count was saved");
    COUNT.set(count);
}

// The interface below is read from the module when it is built.
ic_cdk::export_candid!();
