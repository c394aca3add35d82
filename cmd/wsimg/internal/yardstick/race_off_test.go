//go:build !race

package yardstick

const raced = false
