//! The client against small servers on the loopback network.
