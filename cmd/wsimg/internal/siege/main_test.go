package siege

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	for variable, be := range map[string]func(order string) error{
		hordeVariable:     func(order string) error { return beHorde(order, os.Stdin, os.Stdout) },
		patientVariable:   func(order string) error { return bePatient(order, os.Stdin, os.Stdout) },
		generatorVariable: func(order string) error { return beGenerator(order, os.Stdin, os.Stdout) },
	} {
		if order := os.Getenv(variable); order != "" {
			if err := be(order); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			return
		}
	}
	goleak.VerifyTestMain(m)
}
