// Package search finds the highest load that a target carries, from verdicts on
// probes. It is pure: no clock, no sockets.
package search
