<?php
// The least of a Laravel application around the example, for script/receivers. The router script
// of `php -S`: a process for all requests, an application for each.

namespace {
    require 'Illuminate/autoload.php';
}

namespace App\Jobs {
    use Illuminate\Foundation\Bus\Dispatchable;
    use Illuminate\Support\Facades\DB;

    final class HandleCallback
    {
        use Dispatchable;

        public function __construct(private string $id)
        {
        }

        public function handle(): void
        {
            $body = DB::table('callbacks')->where('id', $this->id)->value('body');
            $type = json_decode($body, true)['type'];
            file_put_contents('php://stdout', "handled {$this->id} $type\n");
        }
    }
}

namespace {
    use App\Http\Controllers\CallbackController;
    use Illuminate\Config\Repository;
    use Illuminate\Container\Container;
    use Illuminate\Database\DatabaseServiceProvider;
    use Illuminate\Foundation\Application;
    use Illuminate\Http\Request;
    use Illuminate\Support\Facades\Facade;
    use Symfony\Component\HttpKernel\Exception\HttpException;

    require __DIR__ . '/CallbackController.php';

    $database = __DIR__ . '/callbacks.sqlite3';
    $app = new Application(__DIR__);
    $app->instance('config', new Repository([
        'app' => ['env' => 'testing'],
        'database' => [
            'default' => 'sqlite',
            'connections' => ['sqlite' => ['driver' => 'sqlite', 'database' => $database]],
        ],
        'view' => ['paths' => [], 'compiled' => __DIR__],
        'services' => ['callboard' => ['secret' => getenv('CALLBOARD_SECRET')]],
    ]));
    Facade::setFacadeApplication($app);
    touch($database);
    $app->register(DatabaseServiceProvider::class);
    $app->register(\Illuminate\Bus\BusServiceProvider::class);
    $app->register(\Illuminate\Filesystem\FilesystemServiceProvider::class);
    $app->register(\Illuminate\View\ViewServiceProvider::class);
    $app->register(\Illuminate\Foundation\Providers\FoundationServiceProvider::class);
    $app['db']->statement('CREATE TABLE IF NOT EXISTS callbacks (id VARCHAR PRIMARY KEY, body BLOB)');

    $request = Request::capture();
    $app->instance('request', $request);
    $router = $app['router'];
    $router->post('/hook', CallbackController::class);
    try {
        $response = $router->dispatch($request);
    } catch (HttpException $error) {
        // As the exception handler of an application does.
        $response = new \Illuminate\Http\Response('', $error->getStatusCode());
    }
    $response->send();
}
