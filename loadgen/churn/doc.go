// Package churn says when a connection ends, and when a client that has lost
// one tries again: pure rules, without clocks or sockets.
//
// A connection may have a [Lifetime], in images or in time, as sessions of
// real users do. A client without a connection waits by [Backoff] before each
// attempt: after the nth failure in a row a random time between nothing and
// base × 2^n, at most the most, which is called exponential back-off with full
// jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
// 2015). It spreads the clients that one outage has cut off all at once.
package churn
