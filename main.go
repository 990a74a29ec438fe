// Command yanlu is the backend of a WeChat mini-program for 政协 bodies. Without
// arguments it runs the demo; `yanlu --help` lists its commands.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"yanlu/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := app.Run(ctx, os.Args[1:], os.Environ(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "yanlu:", err)
		os.Exit(1)
	}
}
