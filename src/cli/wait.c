#include "cli/wait.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

void cli_signals_open(cli_signals *signals)
{
    sigset_t ending;
    sigemptyset(&ending);
    sigaddset(&ending, SIGINT);
    sigaddset(&ending, SIGTERM);
    sigaddset(&ending, SIGHUP);
    sigprocmask(SIG_BLOCK, &ending, NULL);
    *signals = (cli_signals){.fd = signalfd(-1, &ending, SFD_CLOEXEC)};
}

void cli_signals_close(cli_signals *signals)
{
    close(signals->fd);
}

static bool take_signal(cli_signals *signals)
{
    struct signalfd_siginfo info;
    if (read(signals->fd, &info, sizeof info) != (ssize_t)sizeof info)
        return false;
    signals->caught = (int)info.ssi_signo;
    return true;
}

cli_wait_end cli_wait(cli_signals *signals, int fd, short events, int timeout_ms, bool stdout_too)
{
    struct pollfd all[] = {
        {.fd = signals->fd, .events = POLLIN}, {.fd = fd, .events = events}, {.fd = stdout_too ? STDOUT_FILENO : -1}};
    int ready;
    while ((ready = poll(all, 3, timeout_ms)) < 0)
        continue;
    if ((all[2].revents & POLLERR) || (all[0].revents && take_signal(signals)))
        return CLI_WAIT_ENDED;
    return ready == 0 ? CLI_WAIT_TIMEOUT : CLI_WAIT_READY;
}
