#include "cli/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void open_signals(cli_signals *signals, const int *numbers, size_t count)
{
    sigset_t taken;
    sigemptyset(&taken);
    for (size_t i = 0; i < count; i++)
        sigaddset(&taken, numbers[i]);
    sigprocmask(SIG_BLOCK, &taken, NULL);
    *signals = (cli_signals){.fd = signalfd(-1, &taken, SFD_CLOEXEC)};
}

void cli_signals_open(cli_signals *signals)
{
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    open_signals(signals, ending, sizeof ending / sizeof ending[0]);
}

void cli_signals_open_screen(cli_signals *signals)
{
    static const int all[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH};
    open_signals(signals, all, sizeof all / sizeof all[0]);
}

void cli_signals_close(cli_signals *signals)
{
    close(signals->fd);
}

void cli_signals_take(cli_signals *signals)
{
    struct signalfd_siginfo info;
    if (read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (info.ssi_signo == SIGTSTP)
        signals->stopped = true;
    else if (info.ssi_signo != SIGWINCH)
        signals->caught = (int)info.ssi_signo;
}

cli_wait_end cli_wait(cli_signals *signals, int fd, short events, int timeout_ms, bool stdout_too)
{
    struct pollfd all[] = {
        {.fd = signals->fd, .events = POLLIN}, {.fd = fd, .events = events}, {.fd = stdout_too ? STDOUT_FILENO : -1}};
    int ready;
    while ((ready = poll(all, 3, timeout_ms)) < 0)
        continue;
    if (all[0].revents)
        cli_signals_take(signals);
    if ((all[2].revents & POLLERR) || signals->caught)
        return CLI_WAIT_ENDED;
    return ready == 0 ? CLI_WAIT_TIMEOUT : CLI_WAIT_READY;
}
