package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// tokenVariable is where a token comes from unless a flag gives it: a command
// line is there for all users of a machine to read.
const tokenVariable = "WSIMG_TOKEN"

// tokenAsked returns the token of the flag, if that was given, or of the
// environment; empty: there is none. Its errors don't show it.
func tokenAsked(given bool, flag string) (string, error) {
	name, token := "--token", flag
	if !given {
		var set bool
		if token, set = os.LookupEnv(tokenVariable); !set {
			return "", nil
		}
		name = tokenVariable
	}
	unfit := func(c rune) bool { return c <= ' ' || c > '~' }
	switch {
	case token == "" && given:
		return "", errors.New("--token is empty: give one, such as openssl rand -hex 16 makes, or leave it out")
	case token == "":
		return "", fmt.Errorf("%s is set and empty: give it a token, such as openssl rand -hex 16 makes, or unset it", name)
	case strings.ContainsFunc(token, unfit):
		return "", fmt.Errorf("%s has characters that a header can't carry: use letters, digits and punctuation, no spaces", name)
	}
	return token, nil
}
